// twins race/NAME: the scenario of that name, with the real sync.WaitGroup. One process each.
package main

import (
	"os"

	_ "twins/norace"
	_ "twins/panic"
	_ "twins/race"
	"twins/twin"
)

func main() {
	if len(os.Args) != 2 || !twin.Run(os.Args[1]) {
		os.Stderr.WriteString("usage: twins race/NAME | norace/NAME | panic/NAME\n")
		os.Exit(3)
	}
}
