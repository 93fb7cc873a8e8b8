package panic

import (
	"math"
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	wg.Add(math.MaxInt32)
	wg.Add(1)
})
