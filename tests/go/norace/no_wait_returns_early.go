package norace

import (
	"sync"
	"sync/atomic"

	. "twins/twin"
)

var _ = Twin(func() {
	const rounds = 1000
	for round := 0; round < rounds; round++ {
		var wg sync.WaitGroup
		var finished int32
		for i := 0; i < 2; i++ {
			Go(&wg, func() { atomic.AddInt32(&finished, 1) })
		}
		wg.Wait()
		if finished != 2 {
			Fail("released too early")
		}
	}
})
