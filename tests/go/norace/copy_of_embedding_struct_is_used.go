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
	first.wg.Add(1)
	*second = *first
	second.number = 2
	second.wg.Done()
	first.wg.Done()
})
