package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	added := NewMoment(2)
	result := 0
	wg.Add(3)
	adder := Start(func() {
		result = 42
		wg.Add(-1)
		added.Pass()
	})
	added.Pass()
	wg.Add(-2)
	wg.Wait()
	result++
	adder.Join()
})
