//go:build !unix

package cli

// only would keep other servers away from an embedded database.
func (a *app) only() (release func(), err error) { return func() {}, nil }
