package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var firstStage, secondStage sync.WaitGroup
	result := 0
	firstStage.Add(1)
	secondStage.Add(1)
	a := Start(func() {
		result = 1
		firstStage.Done()
	})
	b := Start(func() {
		firstStage.Wait()
		secondStage.Done()
	})
	secondStage.Wait()
	result++
	a.Join()
	b.Join()
})
