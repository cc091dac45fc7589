package vault

import (
	"context"
	"fmt"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Sign signs what the member says as admin or applicant: a charter, an act or a request.
// Everything else that it says has a way of its own, which looks at the journal first.
func (v *Vault) Sign(ctx context.Context, body schema.Body) ([]byte, error) {
	switch body.(type) {
	case schema.Charter, schema.Act, schema.Request:
	default:
		return nil, fmt.Errorf("sign: not by itself: a %s", kindOf(body))
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return wire.Sign(body, v.signer)
}

// Cosign adds this member's line to an act. An intent gets one from Countersign only.
func (v *Vault) Cosign(ctx context.Context, raw []byte) ([]byte, error) {
	body, err := wire.Peek(raw)
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	if _, ok := body.(schema.Act); !ok {
		return nil, fmt.Errorf("cosign: not by itself: a %s", kindOf(body))
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	return wire.Cosign(raw, v.signer)
}

func kindOf(body schema.Body) schema.Kind {
	if body == nil {
		return "nothing"
	}
	return body.Kind()
}
