package panic

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var none *sync.WaitGroup
	none.Done()
})
