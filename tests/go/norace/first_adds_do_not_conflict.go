package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	firstIsThrough := NewMoment(2)
	a := Start(func() {
		wg.Add(1)
		wg.Done()
		firstIsThrough.Pass()
	})
	b := Start(func() {
		firstIsThrough.Pass()
		wg.Add(1)
		wg.Done()
	})
	a.Join()
	b.Join()
	wg.Wait()
})
