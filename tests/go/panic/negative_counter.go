package panic

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	wg.Add(1)
	wg.Done()
	wg.Done()
})
