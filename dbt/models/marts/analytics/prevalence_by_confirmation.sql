{{ prevalence_by('confirmation_code') }}
