"""What a person does about alerts: cases with an owner, a playbook, a reply, and proof that it helped."""
