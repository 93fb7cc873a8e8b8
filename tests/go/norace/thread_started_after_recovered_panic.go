package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	result := 0
	Start(func() {
		result = 1
		Recover(wg.Done)
		Start(func() {
			result = 2
		}).Join()
	}).Join()
	_ = result
})
