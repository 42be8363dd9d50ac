-- No image is lost or doubled on the way from the files to the splits.
with

counts as (
    select
        (select count(*) from {{ ref('int_images__learnable') }}) as file_count,
        (select count(*) from {{ ref('ml_images') }}) as image_count,
        (
            select count(distinct image_id)
            from (
                select image_id from {{ ref('ml_images') }}
                where not (split = 'train' and not is_balanced)
            ) as expected
        ) as learnable_count,
        (
            (select count(*) from {{ ref('ml_train') }})
            + (select count(*) from {{ ref('ml_tune') }})
            + (select count(*) from {{ ref('ml_validation') }})
        ) as split_count
)

select * from counts
where file_count <> image_count or learnable_count <> split_count
