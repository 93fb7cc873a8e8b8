package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	const waiters = 8
	var wg sync.WaitGroup
	var blocked, atZero [waiters]Thread
	wg.Add(1)
	for i := range blocked {
		blocked[i] = Start(wg.Wait)
	}
	UntilBlocked(&wg, waiters)
	wg.Done()
	for i := range atZero {
		atZero[i] = Start(wg.Wait)
	}
	for i := range blocked {
		blocked[i].Join()
		atZero[i].Join()
	}
})
