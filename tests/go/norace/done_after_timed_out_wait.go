package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	gaveUp := NewMoment(2)
	wg.Add(1)
	worker := Start(func() {
		gaveUp.Pass()
		wg.Done()
	})
	if StartWait(&wg).IsOver(0) {
		Fail("no timeout")
	}
	gaveUp.Pass()
	worker.Join()
})
