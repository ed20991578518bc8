// See seed_text.h. zlib reads what is not compressed as it is.
// SPDX-License-Identifier: MIT

#include "cached/facts/seed_text.h"

#include <cerrno>
#include <cstring>
#include <limits>

#include "cached/base/text.h"

namespace facts {
namespace {

using base::cat;

constexpr int most_complaints = 20;
constexpr unsigned zlib_buffer = 128 << 10;

gzFile open_text(base::Descriptor file) {
  const gzFile opened = gzdopen(file.get(), "rb");
  if (!opened) return nullptr;
  file.release();
  gzbuffer(opened, zlib_buffer);
  return opened;
}

}  // namespace

SeedText::SeedText(std::string path, base::Descriptor file)
    : path_(std::move(path)), file_(open_text(base::Descriptor(file.release()))) {
  if (!file_) complain_of_file("cannot be read");
  broken_ = !file_;
}

bool SeedText::next(std::string_view& line) {
  std::size_t searched = begin_;
  while (!broken_ && complaints_ < most_complaints) {
    const void* newline = std::memchr(buffer_.data() + searched, '\n', end_ - searched);
    if (newline) {
      const auto end = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data());
      line = std::string_view(buffer_).substr(begin_, end - begin_);
      if (line.ends_with('\r')) line.remove_suffix(1);
      begin_ = end + 1;
      line_++;
      return true;
    }
    const std::size_t half = end_ - begin_;
    if (half > longest_line) {
      line_++;
      complain(cat("longer than ", longest_line, " bytes"));
      broken_ = true;
    } else if (!fill()) {
      if (half > 0 && !broken_) {
        line_++;
        complain("its end is missing: the file was cut short");
      }
      broken_ = true;
    }
    searched = begin_ + half;
  }
  return false;
}

bool SeedText::fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  const int got =
      gzread(file_.get(), buffer_.data() + end_, static_cast<unsigned>(buffer_.size() - end_));
  int status = Z_OK;
  const char* reason = gzerror(file_.get(), &status);
  if (got > 0) {
    end_ += static_cast<std::size_t>(got);
    bytes_ += static_cast<std::size_t>(got);
    if (bytes_ <= most_bytes && line_ < std::numeric_limits<std::uint32_t>::max() - buffer_.size())
      return true;
    complain_of_file(cat("larger than ", most_bytes, " bytes"));
  } else if (status == Z_BUF_ERROR) {
    complain_of_file("its end is missing: the file was cut short");
  } else if (got < 0) {
    complain_of_file(cat("cannot be read: ", status == Z_ERRNO ? std::strerror(errno) : reason));
  } else {
    return false;
  }
  broken_ = true;
  return false;
}

void SeedText::complain(std::uint32_t line, std::string_view what) {
  complaints_++;
  errors_ += cat(path_, ":", line, ": ", what, "\n");
  if (complaints_ == most_complaints) errors_ += cat(path_, ": and more\n");
}

void SeedText::complain_of_file(std::string_view what) { errors_ += cat(path_, ": ", what, "\n"); }

}  // namespace facts
