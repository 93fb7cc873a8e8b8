package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	taken := NewMoment(2)
	input, result := 0, 0
	Go(&wg, func() {
		result = input + 1
		taken.Pass()
	})
	taken.Pass()
	input = 41
	wg.Wait()
	result++
})
