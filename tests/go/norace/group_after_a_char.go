package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var job struct {
		tag byte
		wg  sync.WaitGroup
	}
	job.wg.Add(1)
	worker := Start(func() {
		job.tag = 'x'
		UntilBlocked(&job.wg, 1)
		job.wg.Done()
	})
	job.wg.Wait()
	job.tag++
	worker.Join()
})
