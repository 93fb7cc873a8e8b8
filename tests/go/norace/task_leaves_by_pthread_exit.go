package norace

import (
	"runtime"
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	result := 0
	Go(&wg, func() {
		result = 42
		runtime.Goexit()
	})
	wg.Wait()
	result++
})
