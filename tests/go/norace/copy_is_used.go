package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	wg, copied := new(sync.WaitGroup), new(sync.WaitGroup)
	wg.Add(1)
	*copied = *wg
	copied.Done()
	wg.Done()
})
