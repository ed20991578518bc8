// The lines of a file of the registries, plain or compressed (.gz), however large it is.
// SPDX-License-Identifier: MIT

#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "cached/base/descriptor.h"

namespace facts {

class SeedText {
 public:
  static constexpr std::size_t longest_line = 64 << 10;
  static constexpr std::uint64_t most_bytes = std::uint64_t{16} << 30;  // uncompressed

  // `path` is for messages.
  SeedText(std::string path, base::Descriptor file);

  // The next line without its end, to be used before the next call. False at the end, and when
  // there is no use in going on: errors() says why.
  bool next(std::string_view& line);

  std::uint32_t line() const { return line_; }  // the number of the last one

  // FILE:LINE: what; of the last line, of another one, or of the file. After 20 no line comes.
  void complain(std::string_view what) { complain(line_, what); }
  void complain(std::uint32_t line, std::string_view what);
  void complain_of_file(std::string_view what);

  const std::string& errors() const { return errors_; }  // a line each; empty: all is well

 private:
  bool fill();  // false: there is no more

  struct Closed {
    void operator()(gzFile file) const { gzclose_r(file); }
  };

  const std::string path_;
  const std::unique_ptr<gzFile_s, Closed> file_;
  std::string buffer_ = std::string(4 * longest_line, '\0');
  std::size_t begin_ = 0, end_ = 0;  // of what is in the buffer and was not handed over
  std::uint64_t bytes_ = 0;
  std::uint32_t line_ = 0;
  int complaints_ = 0;
  bool broken_ = false;
  std::string errors_;
};

}  // namespace facts
