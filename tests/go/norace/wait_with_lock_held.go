package norace

import (
	"sync"
	"time"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	var mutex sync.Mutex
	result := 0
	wg.Add(1)
	mutex.Lock()
	worker := Start(func() {
		mutex.Lock()
		result = 42
		mutex.Unlock()
		wg.Done()
	})
	// The deadline ends the scenario, not the mistake.
	if StartWait(&wg).IsOver(time.Second / 2) {
		Fail("no timeout")
	}
	mutex.Unlock()
	wg.Wait()
	result++
	worker.Join()
})
