package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	Go(&wg, func() {
		UntilBlocked(&wg, 1)
	})
	wg.Wait()
})
