package httpd

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
)

// What must not be in a log, by shape. Tokens and hashes are long runs of
// base64url or hex; twenty characters are 120 bits, and no word of ours with a
// digit in it is that long.
var (
	mailShape  = regexp.MustCompile(`[^\s<>"'(),;:=\[\]]+(@|%40)[^\s<>"'(),;:=\[\]]+`)
	addrShape  = regexp.MustCompile(`[0-9A-Fa-f:.]{3,}`)
	ipv4Shape  = regexp.MustCompile(`\d{1,3}(\.\d{1,3}){3}`)
	tokenShape = regexp.MustCompile(`[A-Za-z0-9_-]{20,}`)
)

// Scrub replaces what looks like an e-mail address, a network address or a
// secret token. Loopback and unspecified addresses stay: they are nobody's.
func Scrub(s string) string {
	s = mailShape.ReplaceAllString(s, "«mail»")
	s = tokenShape.ReplaceAllStringFunc(s, func(t string) string {
		if len(t) < 32 && !strings.ContainsAny(t, "0123456789") {
			return t
		}
		return "«token»"
	})
	return addrShape.ReplaceAllStringFunc(s, scrubAddr)
}

// scrubAddr looks for an address in a run of its characters, which may have
// taken in a colon, a full stop, a port or the end of a word like "bad:".
func scrubAddr(run string) string {
	_, behind, _ := strings.Cut(run, ":")
	for _, core := range [...]string{run, strings.Trim(run, "."), strings.Trim(run, ".:"), strings.Trim(behind, ".:")} {
		a, ok := hopAddr(core)
		if !ok {
			continue
		}
		if nobody(a) {
			return run
		}
		at := strings.LastIndex(run, core)
		return run[:at] + "«addr»" + run[at+len(core):]
	}
	return ipv4Shape.ReplaceAllStringFunc(run, func(t string) string {
		if a, err := netip.ParseAddr(t); err == nil && nobody(a) {
			return t
		}
		return "«addr»"
	})
}

func nobody(a netip.Addr) bool { return a.IsLoopback() || a.IsUnspecified() }

// redactor scrubs records on their way to another handler.
type redactor struct{ next slog.Handler }

// Redact makes a handler that scrubs messages and attributes before next sees
// them. It is the second line: the first is not to log such things at all.
func Redact(next slog.Handler) slog.Handler {
	if r, ok := next.(redactor); ok {
		return r
	}
	return redactor{next}
}

// Enabled asks the handler behind.
func (h redactor) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle scrubs the record and hands it on.
func (h redactor) Handle(ctx context.Context, rec slog.Record) error {
	clean := slog.NewRecord(rec.Time, rec.Level, Scrub(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(scrubAttr(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

// WithAttrs scrubs the attributes once.
func (h redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = scrubAttr(a)
	}
	return redactor{h.next.WithAttrs(clean)}
}

// WithGroup opens a group in the handler behind.
func (h redactor) WithGroup(name string) slog.Handler { return redactor{h.next.WithGroup(name)} }

// scrubAttr leaves numbers, booleans and times; all else becomes clean text.
func scrubAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, Scrub(v.String()))
	case slog.KindGroup:
		members := make([]any, 0, len(v.Group()))
		for _, m := range v.Group() {
			members = append(members, scrubAttr(m))
		}
		return slog.Group(a.Key, members...)
	case slog.KindAny:
		return slog.String(a.Key, Scrub(fmt.Sprintf("%+v", v.Any())))
	}
	return slog.Attr{Key: a.Key, Value: v}
}
