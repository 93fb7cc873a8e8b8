package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	const rounds, workers = 50, 4
	var wg sync.WaitGroup
	var results [workers]int
	sum := 0
	for round := 0; round < rounds; round++ {
		for i := range results {
			result := &results[i]
			Go(&wg, func() { *result++ })
		}
		wg.Wait()
		for _, result := range results {
			sum += result
		}
	}
	if sum != workers*rounds*(rounds+1)/2 {
		Fail("wrong sum")
	}
})
