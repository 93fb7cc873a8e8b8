//go:build !go1.25

package twin

import "sync"

// Go is what later versions of Go have as a method of WaitGroup.
func Go(wg *sync.WaitGroup, task func()) {
	wg.Add(1)
	go func() {
		defer wg.Done()
		task()
	}()
}
