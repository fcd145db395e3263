// Composecheck loads compose files with the official loader and prints the project as JSON; what
// the loader refuses, it refuses with the loader's own sentence.
//
//	composecheck ENV_FILE COMPOSE_FILE...
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	options, err := cli.NewProjectOptions(os.Args[2:],
		cli.WithEnvFiles(os.Args[1]), cli.WithDotEnv, cli.WithDefaultProfiles("*"))
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
