package panic

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	waited := NewMoment(2)
	wg.Add(1)
	counted := Start(wg.Done)
	late := Start(func() {
		waited.Pass()
		wg.Done()
	})
	wg.Wait()
	waited.Pass()
	counted.Join()
	late.Join()
})
