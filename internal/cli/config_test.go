package cli

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/mail"
)

func writeConfig(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dauys.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestConfigHasDefaults(t *testing.T) {
	got, warnings, err := loadConfig("", nil)
	want := Config{Addr: "127.0.0.1:8080", URL: "http://127.0.0.1:8080", Database: "sqlite:dauys.db", Mail: "file:mail",
		Profile: "kz-civic", Keys: "keys", Limits: true, Checkpoint: 10 * time.Minute, Log: slog.LevelInfo, TLS: "off", FirstNumber: 1_000_001}
	if err != nil || len(warnings) > 0 || got != want {
		t.Errorf("%+v\nwant %+v; %v, %v", got, want, warnings, err)
	}
}

func TestConfigSettings(t *testing.T) {
	for _, c := range []struct {
		name, file string
		environ    []string
		ok         func(Config) bool
	}{
		{"file", "dauys_addr = \"[::1]:9\"\ndauys_first_number = 500", nil,
			func(c Config) bool { return c.Addr == "[::1]:9" && c.URL == "http://[::1]:9" && c.FirstNumber == 500 }},
		{"short names", "addr = \"[::1]:9\"\ndauys_log = \"warn\"", nil, func(c Config) bool { return c.Addr == "[::1]:9" && c.Log == slog.LevelWarn }},
		{"environment over file", `dauys_profile = "uk-parl"`, []string{"DAUYS_PROFILE=kz-civic"}, func(c Config) bool { return c.Profile == "kz-civic" }},
		{"other variables", "", []string{"HOME=x", "ADDR=y", "DAUYS=z", "NOTHING"}, func(c Config) bool { return c.Addr == "127.0.0.1:8080" }},
		{"slashes of the URL", "", []string{"DAUYS_URL=https://petition.example//"}, func(c Config) bool { return c.URL == "https://petition.example" }},
		{"limits off on loopback", "", []string{"DAUYS_LIMITS=off", "DAUYS_ADDR=localhost:1"}, func(c Config) bool { return !c.Limits }},
		{"limits off on IPv6", "", []string{"DAUYS_LIMITS=off", "DAUYS_ADDR=[::1]:1"}, func(c Config) bool { return !c.Limits }},
		{"autocert", "", []string{"DAUYS_TLS=autocert", "DAUYS_URL=https://petition.example"}, func(c Config) bool { return c.TLS == "autocert" }},
		{"log", "", []string{"DAUYS_LOG=WARN"}, func(c Config) bool { return c.Log == slog.LevelWarn }},
		{"checkpoint", "", []string{"DAUYS_CHECKPOINT=1s"}, func(c Config) bool { return c.Checkpoint == time.Second }},
		{"letters an hour", "", []string{"DAUYS_MAIL_RATE=7200/h"}, func(c Config) bool { return c.MailRate == 2 }},
		{"value with =", "", []string{"DAUYS_DATABASE=postgres://h/d?sslmode=off"}, func(c Config) bool { return c.Database == "postgres://h/d?sslmode=off" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := ""
			if c.file != "" {
				file = writeConfig(t, c.file)
			}
			got, warnings, err := loadConfig(file, c.environ)
			if err != nil || len(warnings) > 0 || !c.ok(got) {
				t.Errorf("%+v, %v, %v", got, warnings, err)
			}
		})
	}
}

func TestConfigWarnsOfUnknownVariables(t *testing.T) {
	_, warnings, err := loadConfig("", []string{"DAUYS_COLOUR=blue", "DAUYS_TEST_POSTGRES=x", "DAUYS_DATABSE=y", "DAUYS_MAILRATE=1"})
	want := []string{"DAUYS_COLOUR is not a setting of dauys", "DAUYS_DATABSE is not a setting of dauys; DAUYS_DATABASE is one",
		"DAUYS_MAILRATE is not a setting of dauys; DAUYS_MAIL_RATE is one"}
	if err != nil || !slices.Equal(warnings, want) {
		t.Errorf("%q, %v", warnings, err)
	}
}

func TestConfigRefuses(t *testing.T) {
	for _, c := range []struct{ name, file, variable, want string }{
		{"unknown key", `dauys_colour = "blue"`, "", "dauys_colour is not a setting"},
		{"slip of the pen", `databse = "sqlite:x"`, "", "databse is not a setting of dauys; dauys_database is one"},
		{"a port alone", "", "DAUYS_ADDR=8080", "DAUYS_ADDR: want host:port"},
		{"no port", "", "DAUYS_ADMIN_ADDR=127.0.0.1", "DAUYS_ADMIN_ADDR: want host:port"},
		{"a file without sqlite:", "", "DAUYS_DATABASE=dauys.db", "DAUYS_DATABASE: want sqlite:PATH"},
		{"a path of nothing", "", "DAUYS_DATABASE=sqlite:", "DAUYS_DATABASE: want sqlite:PATH"},
		{"mail without slashes", "", "DAUYS_MAIL=smtp:mail.example", "DAUYS_MAIL: want smtp://"},
		{"a sender with a name", "", "DAUYS_MAIL_FROM=Town <town@petitions.example>", "DAUYS_MAIL_FROM: want an address alone"},
		{"upper case key", `DAUYS_ADDR = "x"`, "", "DAUYS_ADDR is not a setting"},
		{"table", "[dauys_addr]\nx = 1", "", "want a string"},
		{"boolean", `dauys_limits = true`, "", "want a string"},
		{"syntax", "dauys_log = \"info\"\n= 3", "", ":2: "},
		{"twice", "dauys_log = \"info\"\ndauys_log = \"warn\"", "", ":2: "},
		{"limits", "", "DAUYS_LIMITS=no", "DAUYS_LIMITS: want on or off"},
		{"limits in public", `dauys_addr = "0.0.0.0:80"`, "DAUYS_LIMITS=off", "loopback"},
		{"limits on all addresses", `dauys_addr = ":80"`, "DAUYS_LIMITS=off", "loopback"},
		{"limits on a name", `dauys_addr = "localhost.example:80"`, "DAUYS_LIMITS=off", "loopback"},
		{"checkpoint", "", "DAUYS_CHECKPOINT=soon", "DAUYS_CHECKPOINT"},
		{"log", "", "DAUYS_LOG=loud", "DAUYS_LOG: want debug, info, warn or error"},
		{"tls", "", "DAUYS_TLS=on", "DAUYS_TLS"},
		{"tls without https", "", "DAUYS_TLS=autocert", "https"},
		{"broker", "", "DAUYS_BROKER=https://broker.example", "DAUYS_BROKER"},
		{"url without host", "", "DAUYS_URL=https://", "DAUYS_URL"},
		{"url with path", "", "DAUYS_URL=https://petition.example/site", "DAUYS_URL"},
		{"url of another scheme", "", "DAUYS_URL=ftp://petition.example", "DAUYS_URL"},
		{"url with a user", "", "DAUYS_URL=https://u:p@petition.example", "DAUYS_URL"},
		{"url with a fragment", "", "DAUYS_URL=https://petition.example#x", "DAUYS_URL"},
		{"url of no host", "", "DAUYS_URL=https://:443", "DAUYS_URL"},
		{"proxies", "", "DAUYS_TRUSTED_PROXIES=10.0.0.0/33", "DAUYS_TRUSTED_PROXIES"},
		{"number", "", "DAUYS_FIRST_NUMBER=0", "DAUYS_FIRST_NUMBER"},
		{"no number", "", "DAUYS_FIRST_NUMBER=many", "DAUYS_FIRST_NUMBER"},
		{"half a number", "", "DAUYS_FIRST_NUMBER=100x", "DAUYS_FIRST_NUMBER"},
		{"checkpoint of no time", "", "DAUYS_CHECKPOINT=-1s", "DAUYS_CHECKPOINT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, _, err := loadConfig(writeConfig(t, c.file), []string{c.variable}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	if _, _, err := loadConfig(filepath.Join(t.TempDir(), "none.toml"), nil); err == nil {
		t.Error("a missing file is not noticed")
	}
}

// A listener on every address of the machine still has links that lead somewhere.
func TestConfigURLOfAnyAddress(t *testing.T) {
	for addr, want := range map[string]string{":8080": "http://localhost:8080", "0.0.0.0:80": "http://localhost:80", "[::]:80": "http://localhost:80",
		"[::1]:80": "http://[::1]:80", "desk.example:80": "http://desk.example:80"} {
		if c, _, err := loadConfig("", []string{"DAUYS_ADDR=" + addr}); err != nil || c.URL != want {
			t.Errorf("%s: %q, %v, want %q", addr, c.URL, err, want)
		}
	}
	if c, _, err := loadConfig("", []string{"DAUYS_URL=HTTPS://Petition.example/"}); err != nil || c.URL != "https://Petition.example" {
		t.Errorf("%q, %v", c.URL, err)
	}
}

func TestConfigProxies(t *testing.T) {
	c := Config{TrustedProxies: "127.0.0.1, 10.1.2.3/8 ,2001:db8::1,fd00::/8"}
	var want []netip.Prefix
	for _, p := range []string{"127.0.0.1/32", "10.0.0.0/8", "2001:db8::1/128", "fd00::/8"} {
		want = append(want, netip.MustParsePrefix(p))
	}
	if got, err := c.proxies(); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"proxy.example", "10.0.0.0/8;10.0.0.1", "1.2.3", "::1%eth0/64"} {
		if got, err := (&Config{TrustedProxies: bad}).proxies(); err == nil {
			t.Errorf("%q is %v", bad, got)
		}
	}
}

func TestDemoConfig(t *testing.T) {
	c, warnings, err := demoConfig([]string{"DAUYS_PROFILE=uk-parl", "DAUYS_KEYS=elsewhere", "DAUYS_LOG=error", "DAUYS_ADDR=127.0.0.1:1", "DAUYS_DATABASE="},
		"127.0.0.1:2", "d")
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	if c.Addr != "127.0.0.1:2" || c.URL != "http://127.0.0.1:2" || c.Profile != "kz-civic" || c.Database != "sqlite:"+filepath.Join("d", "dauys.db") ||
		c.Keys != filepath.Join("d", "keys") || c.Mail != "file:"+filepath.Join("d", "mail") || c.Log != slog.LevelError || c.Checkpoint != time.Second {
		t.Errorf("%+v", c)
	}
	if c, _, err := demoConfig([]string{"DAUYS_CHECKPOINT=5s", "DAUYS_LIMITS=off", "DAUYS_URL=http://demo.example"}, "", "d"); err != nil ||
		c.Checkpoint != 5*time.Second || c.Limits || c.URL != "http://demo.example" || c.Addr != "127.0.0.1:8080" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, warnings, err := demoConfig([]string{"DAUYS_COLOUR=blue"}, "", "d"); err != nil || len(warnings) != 1 {
		t.Errorf("a variable nobody knows: %q, %v", warnings, err)
	}
	for _, variable := range []string{"DAUYS_DATABASE=postgres://h/d", "DAUYS_DATABASE=sqlite:site.db", "DAUYS_MAIL=smtp://mail.example"} {
		if _, _, err := demoConfig([]string{variable}, "", "d"); err == nil {
			t.Errorf("demo takes %s", variable)
		}
	}
}

func FuzzConfigFile(f *testing.F) {
	f.Add("dauys_addr = \"127.0.0.1:8080\"\ndauys_first_number = 7\n")
	f.Add("dauys_url = \"https://petition.example\"\ndauys_tls = \"autocert\"")
	f.Add("dauys_addr = [1, 2]\n")
	f.Add("dauys_url = \"https://u:p@petition.example#x\"")
	f.Add("dauys_url = \"https://petition.example?/\"")
	f.Add("dauys_url = \"HTTPS://[::1]:8443/\"")
	f.Add("dauys_addr = \":8080\"")
	f.Add("dauys_addr = \"[::]:8080\"")
	f.Add("[table]\nx=1")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, text string) {
		c, _, err := loadConfig(writeConfig(t, text), nil)
		if err != nil {
			return
		}
		if !c.Limits && !loopback(c.Addr) {
			t.Errorf("no limits on %q", c.Addr)
		}
		if c.FirstNumber < 1 || c.Checkpoint <= 0 || c.MailRate < 0 || c.Memory < -1 {
			t.Errorf("%+v", c)
		}
		// The links of letters are made by appending a path.
		u, err := url.Parse(c.URL + "/kk/confirm/x")
		if err != nil || u.Path != "/kk/confirm/x" || u.Scheme+"://"+u.Host+u.Path != c.URL+"/kk/confirm/x" || u.Hostname() == "" {
			t.Errorf("links begin with %q", c.URL)
		}
		again, err := c.proxies()
		if err != nil || slices.ContainsFunc(again, func(p netip.Prefix) bool { return p != p.Masked() || !p.IsValid() }) {
			t.Errorf("proxies %v, %v", again, err)
		}
	})
}

// FuzzSecretsOfConfig: whatever is wrong with the settings that hold a
// password, the error, which is printed and kept by the system's journal, does
// not repeat it.
func FuzzSecretsOfConfig(f *testing.F) {
	f.Add("smtp://u:", "@mx.example:25", "")
	f.Add("postgres://u:", "@db.example/dauys?sslmode=perhaps", "")
	f.Add("smtp:/u:", "\\x", "\"")
	f.Add("smtp://u:%zz", "@", "\n")
	f.Fuzz(func(t *testing.T, before, after, quote string) {
		const secret = "geheim-k7Q"
		if strings.Contains(before+after+quote, secret) {
			return
		}
		v := before + secret + after
		for _, name := range []string{"DAUYS_DATABASE", "DAUYS_MAIL"} {
			c, _, err := loadConfig("", []string{name + "=" + v})
			if err == nil && name == "DAUYS_MAIL" {
				_, err = mail.ParseURL(c.Mail)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", name, err)
			}
			for _, line := range []string{fmt.Sprintf("%s = %q", strings.ToLower(name), v), strings.ToLower(name) + " = " + quote + v + quote} {
				if _, _, err := loadConfig(writeConfig(t, line), nil); err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("%q: %v", line, err)
				}
			}
		}
	})
}

func TestBouncesNeedRoomForATag(t *testing.T) {
	for v, ok := range map[string]bool{"": true, "bounces@petitions.example": true, "bounces+x@petitions.example": false, "elevenlong1@petitions.example": false,
		"bounces": false, "@petitions.example": false, "B <bounces@petitions.example>": false, `"a b"@petitions.example`: false} {
		if _, err := parseBounces(v); (err == nil) != ok {
			t.Errorf("%q: %v", v, err)
		}
	}
}
