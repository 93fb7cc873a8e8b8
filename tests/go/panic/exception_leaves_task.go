package panic

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	Go(&wg, func() {
		panic("test")
	})
	wg.Wait()
})
