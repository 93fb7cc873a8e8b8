package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	const rounds = 200
	type job struct {
		wg     sync.WaitGroup
		result int
	}
	input, result := 0, 0
	fresh := func() int {
		job := new(job)
		Go(&job.wg, func() { job.result = input })
		job.wg.Wait()
		return job.result
	}
	for thread := 0; thread < 2; thread++ {
		Start(func() {
			for i := 0; i < rounds; i++ {
				input = i
				result += fresh() + fresh()
			}
		}).Join()
	}
	if result != 4*(rounds*(rounds-1)/2) {
		Fail("wrong sum")
	}
})
