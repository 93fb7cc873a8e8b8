package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var a, b sync.WaitGroup
	written := NewMoment(2)
	result := 0
	a.Add(1)
	worker := Start(func() {
		result = 42
		a.Done()
		written.Pass()
	})
	written.Pass()
	b.Wait()
	result++
	worker.Join()
})
