//go:build go1.25

package twin

import "sync"

func Go(wg *sync.WaitGroup, task func()) {
	wg.Go(task)
}
