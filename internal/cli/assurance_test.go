package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

// A law that claims official effect for signatures it does not take is refused
// before anything listens; its shadow is served.
func TestServeRefusesAnOfficialLawThatAsksForMore(t *testing.T) {
	text, err := os.ReadFile("../../profiles/ee-riigikogu.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for binding, refused := range map[string]bool{"official": true, "shadow": false} {
		dir := t.TempDir()
		file := filepath.Join(dir, "own.yaml")
		own := strings.Replace(strings.Replace(string(text), "binding: shadow", "binding: "+binding, 1), "id: ee-riigikogu", "id: own-law", 1)
		if err := os.WriteFile(file, []byte(own), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, _, err := demoConfig(nil, "", dir)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Profile = file
		a, err := newApp(t.Context(), cfg, time.Now, io.Discard, nil)
		if err == nil {
			a.store.Close()
		}
		var gap petition.AssuranceError
		if errors.As(err, &gap) != refused {
			t.Errorf("%s: %v", binding, err)
		}
		if refused && (err == nil || !strings.Contains(err.Error(), "eid-high") || !strings.Contains(err.Error(), "binding: official")) {
			t.Errorf("%s: the reason is %v", binding, err)
		}
	}
}
