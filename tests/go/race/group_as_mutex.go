package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	bothAreIn, firstIsOut := NewMoment(2), NewMoment(2)
	result := 0
	a := Start(func() {
		wg.Wait()
		bothAreIn.Pass()
		wg.Add(1)
		result = 1
		wg.Done()
		firstIsOut.Pass()
	})
	b := Start(func() {
		wg.Wait()
		bothAreIn.Pass()
		firstIsOut.Pass()
		wg.Add(1)
		result = 2
		wg.Done()
	})
	a.Join()
	b.Join()
	_ = result
})
