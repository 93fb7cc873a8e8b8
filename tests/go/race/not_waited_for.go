package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	written := NewMoment(2)
	result := 0
	wg.Add(1)
	worker := Start(func() {
		result = 42
		wg.Done()
		written.Pass()
	})
	written.Pass()
	result++
	worker.Join()
})
