package page

import (
	"fmt"
	"os"
	"strings"
)

// sections of the page, in order.
var sections = []string{"accuracy", "speed"}

const head = `# Against its peers

Written by the benchmarks themselves (the commands stand in each section); the peers and this code are in the module aggregation/peers, so that the product does not depend on them.
`

// Replace puts text between a section's marks; a page that is not there is begun.
func Replace(file, section, text string) error {
	old, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		old, err = []byte(blank()), nil
	}
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	begin, end := marks(section)
	before, rest, ok := strings.Cut(string(old), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("page: no section %s", section)
	}
	whole := before + begin + "\n\n" + strings.TrimSpace(text) + "\n\n" + end + after
	if err := os.WriteFile(file, []byte(whole), 0o644); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	return nil
}

func marks(section string) (begin, end string) {
	return "<!-- " + section + " -->", "<!-- /" + section + " -->"
}

func blank() string {
	text := head
	for _, s := range sections {
		begin, end := marks(s)
		text += "\n## " + strings.ToUpper(s[:1]) + s[1:] + "\n\n" + begin + "\n" + end + "\n"
	}
	return text
}
