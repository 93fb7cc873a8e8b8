package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	type job struct {
		number int
		wg     sync.WaitGroup
	}
	first, second := new(job), new(job)
	*second = *first
	first.wg.Add(1)
	second.wg.Add(1)
	second.number = 2
	second.wg.Done()
	first.wg.Done()
})
