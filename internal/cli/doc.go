// Package cli is the command line: one file for each subcommand, the
// configuration, and the wiring of everything.
//
// What lives here: the only time.Now, the only randomness source handed on,
// the environment, exit codes, and demo's small fictional world.
//
// What never: anything a test of another package would want.
package cli
