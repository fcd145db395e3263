// Composecheck loads compose files with the official loader and prints the project as JSON; what
// the loader refuses, it refuses with the loader's own sentence.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	// Only the variables of this process are read, never a .env that happens to lie about.
	options, err := cli.NewProjectOptions(os.Args[1:], cli.WithOsEnv, cli.WithDefaultProfiles("*"))
	if err == nil {
		project, failed := options.LoadProject(context.Background())
		if err = failed; err == nil {
			json, _ := project.MarshalJSON()
			fmt.Println(string(json))
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
