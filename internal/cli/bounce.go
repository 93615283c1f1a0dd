package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/mail"
	"github.com/dauys/dauys/internal/store"
	"github.com/spf13/cobra"
)

// errLater says that the same may work in a moment; a mail server tries again.
var errLater = errors.New("not now")

func (e *env) bounce() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use: "bounce", Short: "Take in a letter that came back: one message on standard input, from a mail server's pipe or a script", Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, args []string) error {
			err := e.withStore(false, func(ctx context.Context, cfg Config, st *store.Store, _ []string) error {
				return e.takeBounce(ctx, cfg, st, os.Stdin, to)
			})(c, args)
			if errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrDisk) {
				return fmt.Errorf("%w: %w", errLater, err)
			}
			return err
		},
	}
	c.Flags().StringVar(&to, "to", "", "address of the envelope; otherwise the message's own headers name it")
	return c
}

// takeBounce reads a message and notes what it reports. What is a report about
// a letter of ours and no failure is no error; nobody's address is said.
//
//	read -> open the tag -> count, end the subscription (one transaction)
func (e *env) takeBounce(ctx context.Context, cfg Config, st *store.Store, r io.Reader, to string) error {
	if cfg.Bounces == "" {
		return errors.New("DAUYS_BOUNCES is not set: letters carry no tag by which they would be known again")
	}
	rep, err := mail.ReadReport(r)
	if to != "" {
		rep.To = []string{to}
	}
	if err != nil {
		return err
	}
	tag, ok := rep.TagOf(cfg.Bounces)
	if !ok {
		return errors.New("it was not sent to the address of DAUYS_BOUNCES with a tag")
	}
	v, err := openKeys(ctx, cfg, st)
	if err != nil {
		return err
	}
	b, err := letter.OpenBounceTag(v, tag, e.now())
	if err != nil {
		return errors.New("its tag is none of ours, or too old")
	}
	if !rep.Failed {
		fmt.Fprintln(e.out, "no failure: nothing to note")
		return nil
	}
	b.Hard = rep.Hard
	fresh, err := st.Bounced(ctx, b, e.now())
	switch {
	case err != nil:
		return err
	case !fresh:
		fmt.Fprintln(e.out, "noted before")
	default:
		fmt.Fprintf(e.out, "noted: %s, %s\n", store.LetterClassName(b.Priority), rep.Status)
	}
	return nil
}
