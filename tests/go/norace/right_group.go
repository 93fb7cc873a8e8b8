package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var a, b sync.WaitGroup
	_ = &b
	written := NewMoment(2)
	result := 0
	a.Add(1)
	worker := Start(func() {
		result = 42
		a.Done()
		written.Pass()
	})
	written.Pass()
	a.Wait()
	result++
	worker.Join()
})
