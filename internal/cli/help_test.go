package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Help about what there is exits 0; with a command that there is not, 2, as
// that command by itself does.
func TestHelpKnowsItsCommands(t *testing.T) {
	groups := []string{""}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if sub.HasSubCommands() {
				groups = append(groups, strings.TrimPrefix(sub.CommandPath(), "dauys "))
				walk(sub)
			}
		}
	}
	walk((&env{}).root())
	if !slices.Contains(groups, "bench") || len(groups) < 5 {
		t.Fatalf("groups of commands: %q", groups)
	}
	for _, g := range groups {
		for line, want := range map[string]int{
			g + " --help": exitDone, "help " + g: exitDone, g + " -h": exitDone,
			g + " nosuch": exitUsage, g + " nosuch --help": exitUsage, g + " --help nosuch": exitUsage, g + " nosuch -h": exitUsage, "help " + g + " nosuch": exitUsage,
		} {
			var out, said bytes.Buffer
			code := Main(t.Context(), append([]string{"dauys"}, strings.Fields(line)...), &out, &said)
			if code != want {
				t.Errorf("dauys %s: exit %d, want %d", line, code, want)
			}
			if want == exitDone && (!strings.Contains(out.String(), "Usage:") || said.Len() > 0) {
				t.Errorf("dauys %s: %q, %q", line, out.String(), said.String())
			}
			if want == exitUsage && (!strings.Contains(said.String(), `unknown command "nosuch"`) || out.Len() > 0) {
				t.Errorf("dauys %s: %q, %q", line, out.String(), said.String())
			}
		}
	}
	for line, want := range map[string]string{"serve --help": "--help", "help serve": "--help", "help bench crowd": "--postgres", "help": "Available Commands"} {
		var out, said bytes.Buffer
		if code := Main(t.Context(), append([]string{"dauys"}, strings.Fields(line)...), &out, &said); code != exitDone || !strings.Contains(out.String(), want) {
			t.Errorf("dauys %s: exit %d, %q", line, code, out.String())
		}
	}
}
