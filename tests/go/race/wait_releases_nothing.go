package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	firstIsBack := NewMoment(2)
	result := 0
	wg.Add(1)
	wg.Done()
	a := Start(func() {
		result = 1
		wg.Wait()
		firstIsBack.Pass()
	})
	b := Start(func() {
		firstIsBack.Pass()
		wg.Wait()
		result = 2
	})
	a.Join()
	b.Join()
	_ = result
})
