package panic

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	wg.Add(1)
	Start(func() {
		wg.Done()
		wg.Done()
	}).Join()
})
