//! The table of a cohort: a row for each record and label, as CSV or Parquet.

use std::fs::File;
use std::io;
use std::path::Path;

use jakscreen::batch::Row;

/// Where rows go.
pub(super) enum Table {
    Csv(csv::Writer<File>),
    #[cfg(feature = "parquet")]
    Parquet(Box<parquet_file::Rows>),
}

impl Table {
    /// A file, as its extension says.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let extension = path.extension().and_then(|e| e.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Ok(Self::Csv(csv::Writer::from_path(path)?)),
            #[cfg(feature = "parquet")]
            Some("parquet") => {
                let rows = parquet_file::Rows::new(File::create(path)?)?;
                Ok(Self::Parquet(Box::new(rows)))
            }
            #[cfg(not(feature = "parquet"))]
            Some("parquet") => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "this build writes tables as CSV: name it `.csv`, or build with `--features parquet`",
            )),
            _ => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a table is CSV or Parquet: name it `.csv` or `.parquet`",
            )),
        }
    }

    pub(super) fn add(&mut self, row: Row) -> io::Result<()> {
        match self {
            Self::Csv(table) => table.serialize(row).map_err(io::Error::from),
            #[cfg(feature = "parquet")]
            Self::Parquet(rows) => rows.add(row),
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Csv(mut table) => table.flush(),
            #[cfg(feature = "parquet")]
            Self::Parquet(rows) => rows.finish(),
        }
    }
}

#[cfg(feature = "parquet")]
mod parquet_file {
    use std::fs::File;
    use std::io;
    use std::sync::Arc;

    use jakscreen::batch::Row;
    use parquet::basic::Compression;
    use parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    /// Rows written at once: what is kept in memory.
    const GROUP: usize = 16_384;

    const SCHEMA: &str = "message rows {
        required binary record (string);
        optional binary patient (string);
        optional binary as_of (string);
        optional binary label (string);
        required binary conclusion (string);
        required int32 barriers;
        required int32 warnings;
        required int32 cautions;
        required int32 doses;
        required int32 unknown;
        required int32 tests_missing;
    }";

    pub(in super::super) struct Rows {
        file: SerializedFileWriter<File>,
        rows: Vec<Row>,
    }

    impl Rows {
        pub(super) fn new(file: File) -> io::Result<Self> {
            let schema = parse_message_type(SCHEMA).map_err(io::Error::other)?;
            let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
            let file =
                SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build()));
            Ok(Self {
                file: file.map_err(io::Error::other)?,
                rows: Vec::new(),
            })
        }

        pub(super) fn add(&mut self, row: Row) -> io::Result<()> {
            self.rows.push(row);
            if self.rows.len() < GROUP {
                return Ok(());
            }
            self.write().map_err(io::Error::other)
        }

        pub(super) fn finish(mut self) -> io::Result<()> {
            self.write().map_err(io::Error::other)?;
            self.file.close().map_err(io::Error::other).map(drop)
        }

        /// Writes the rows as a group, a column at a time.
        fn write(&mut self) -> parquet::errors::Result<()> {
            if self.rows.is_empty() {
                return Ok(());
            }
            let mut group = self.file.next_row_group()?;
            let texts: [fn(&Row) -> Option<&str>; 5] = [
                |r| Some(&r.record),
                |r| r.patient.as_deref(),
                |r| r.as_of.as_deref(),
                |r| r.label.as_deref(),
                |r| Some(r.conclusion),
            ];
            for (number, text) in texts.into_iter().enumerate() {
                let values: Vec<ByteArray> = self
                    .rows
                    .iter()
                    .filter_map(text)
                    .map(ByteArray::from)
                    .collect();
                // Of an optional column: whether each row has a value.
                let levels: Vec<i16> = self.rows.iter().map(|r| text(r).is_some().into()).collect();
                let levels = (1..=3).contains(&number).then_some(levels.as_slice());
                if let Some(mut column) = group.next_column()? {
                    column
                        .typed::<ByteArrayType>()
                        .write_batch(&values, levels, None)?;
                    column.close()?;
                }
            }
            let counts: [fn(&Row) -> usize; 6] = [
                |r| r.barriers,
                |r| r.warnings,
                |r| r.cautions,
                |r| r.doses,
                |r| r.unknown,
                |r| r.tests_missing,
            ];
            for count in counts {
                let values = self.rows.iter().map(count);
                let values: Vec<i32> = values
                    .map(|n| i32::try_from(n).unwrap_or(i32::MAX))
                    .collect();
                if let Some(mut column) = group.next_column()? {
                    column
                        .typed::<Int32Type>()
                        .write_batch(&values, None, None)?;
                    column.close()?;
                }
            }
            group.close()?;
            self.rows.clear();
            Ok(())
        }
    }
}
