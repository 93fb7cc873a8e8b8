package norace

import (
	"sync"
	"time"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	wg.Add(2)
	Start(wg.Done).Join()
	// The deadline ends the scenario, not the mistake.
	if StartWait(&wg).IsOver(time.Second / 2) {
		Fail("no timeout")
	}
})
