-- How a diagnosis was confirmed and where an image was taken all but tell the diagnosis.
-- depends_on: {{ ref('ml_images') }}
-- depends_on: {{ ref('ml_train') }}
-- depends_on: {{ ref('ml_tune') }}
-- depends_on: {{ ref('ml_validation') }}
select
    table_name,
    column_name
from information_schema.columns
where
    table_name in ('ml_images', 'ml_train', 'ml_tune', 'ml_validation')
    and (
        column_name like 'dx%'
        or column_name like '%dataset%'
        or column_name like 'source%'
        or column_name like 'confirmation%'
    )
