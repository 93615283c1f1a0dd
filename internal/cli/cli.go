package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitDone  = 0  // done
	exitWrong = 1  // the input or the world is wrong
	exitUsage = 2  // wrong usage
	exitLater = 75 // the same may work in a moment: EX_TEMPFAIL of sysexits.h, which mail servers know
)

// env is what a command may touch of the outside.
type env struct {
	out, err io.Writer
	environ  []string
	config   string // --config
	now      func() time.Time
	unknown  error // help was asked for with a command that there is not
}

// errUsage marks an error of the command line itself.
var errUsage = errors.New("usage")

// errSaid marks a failure of which everything was already said.
var errSaid = errors.New("said")

// Main runs the command line and returns the exit code.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return MainAt(ctx, args, stdout, stderr, time.Now)
}

// MainAt is Main under another clock: a test of the whole moves it while the
// program runs.
func MainAt(ctx context.Context, args []string, stdout, stderr io.Writer, now func() time.Time) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := &env{out: stdout, err: stderr, environ: os.Environ(), now: now}
	root := e.root()
	root.SetArgs(args[1:])
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := cmp.Or(root.ExecuteContext(ctx), e.unknown)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errSaid):
		return exitWrong
	case errors.Is(err, errUsage) || strings.HasPrefix(err.Error(), "unknown command"):
		fmt.Fprintln(stderr, "dauys:", strings.TrimPrefix(err.Error(), errUsage.Error()+": "))
		return exitUsage
	case errors.Is(err, errLater):
		fmt.Fprintln(stderr, "dauys:", err)
		return exitLater
	}
	fmt.Fprintln(stderr, "dauys:", err)
	return exitWrong
}

func (e *env) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "dauys",
		Short:         "A petition platform: one binary, from a town to a country",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().StringVar(&e.config, "config", "", "settings in a TOML file")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUsage, err) })
	root.CompletionOptions.HiddenDefaultCmd = true
	e.helpOn(root)
	root.AddCommand(e.demo(), e.serve(), e.importCmd(), e.replay(), e.body(), e.place(), e.export(), e.staff(), e.profile(),
		e.migrate(), e.check(), e.keys(), e.backup(), e.restore(), e.move(), e.bounce(), e.bench(), e.version())
	return root
}

// helpOn makes help about a command that there is not a wrong usage, as the
// command itself is; cobra would help with what stands before it.
func (e *env) helpOn(root *cobra.Command) {
	help := root.HelpFunc()
	about := func(c *cobra.Command, args []string) error {
		if c.HasSubCommands() {
			if err := c.ValidateArgs(args); err != nil {
				return err
			}
		}
		help(c, args)
		return nil
	}
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { e.unknown = about(c, c.Flags().Args()) })
	root.SetHelpCommand(&cobra.Command{
		Use: "help [command]", Short: "Help about any command",
		RunE: func(c *cobra.Command, args []string) error {
			of, rest, err := c.Root().Find(args)
			if err != nil {
				return fmt.Errorf("%w: %w", errUsage, err)
			}
			of.InitDefaultHelpFlag() // so that it is among the flags that help lists
			return about(of, rest)
		},
	})
}

// needsCommand is for a command that does nothing by itself.
func needsCommand(c *cobra.Command, _ []string) error {
	return fmt.Errorf("%w: %s needs a command; see %s --help", errUsage, c.CommandPath(), c.CommandPath())
}

// usage makes a wrong number of arguments a wrong usage.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil && c.HasParent() {
			return fmt.Errorf("%w: %s: %w", errUsage, c.CommandPath(), err)
		} else if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		return nil
	}
}

// load reads the configuration and says on stderr what it warns of.
func (e *env) load() (Config, error) {
	c, warnings, err := loadConfig(e.config, e.environ)
	for _, w := range warnings {
		fmt.Fprintln(e.err, "dauys: warning:", w)
	}
	return c, err
}

func (e *env) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which version this is", Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			v, rev := "development", ""
			if info, ok := debug.ReadBuildInfo(); ok {
				if info.Main.Version != "" && info.Main.Version != "(devel)" {
					v = info.Main.Version
				}
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						rev = " " + s.Value
					}
				}
				rev += " " + info.GoVersion
			}
			fmt.Fprintln(e.out, "dauys "+v+rev)
			return nil
		},
	}
}
