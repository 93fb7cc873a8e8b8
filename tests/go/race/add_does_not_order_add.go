package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	firstIsThrough := NewMoment(2)
	result := 0
	wg.Add(1)
	a := Start(func() {
		result = 1
		wg.Add(1)
		firstIsThrough.Pass()
	})
	b := Start(func() {
		firstIsThrough.Pass()
		wg.Add(1)
		result = 2
	})
	a.Join()
	b.Join()
	_ = result
})
