package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	added := NewMoment(2)
	starter := Start(func() {
		Go(&wg, func() {
			UntilBlocked(&wg, 1)
		})
		added.Pass()
	})
	added.Pass()
	wg.Wait()
	starter.Join()
})
