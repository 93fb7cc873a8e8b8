package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	input, result := 0, 0
	input = 41
	Go(&wg, func() {
		result = input + 1
	})
	wg.Wait()
	result++
})
