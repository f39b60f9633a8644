// Anything with a hand on it: a simulation, a servo bus, a recorded run.
#pragma once

#include "handloop/types.hpp"

namespace handloop {

class Plant {
 public:
  Plant() = default;
  Plant(const Plant&) = delete;
  Plant& operator=(const Plant&) = delete;
  virtual ~Plant() = default;

  // Throws std::runtime_error where there is nothing to read from or write to yet.
  virtual void check_ready() const {}
  virtual double now() const = 0;           // [s], the plant's clock
  virtual void read(HandState& state) = 0;  // newest sample
  virtual void write(const HandCommand& command) = 0;
  // One control period passes. Hardware does that by itself; a simulation steps. False: the plant
  // can no longer go on.
  virtual bool advance() { return true; }
  // Its clock goes on by itself, as that of hardware does.
  virtual bool real_time() const { return false; }
  // A run is over and nothing was wrong. True: the hand holds its posture by itself from now on;
  // false: it cannot, or shall not.
  virtual bool stay() { return false; }
  // The last word of a run, however it ended: no torque, whatever becomes of the program. Nothing
  // happens where it was said before.
  virtual void let_go() {}
  // Readings that only a log may see: without noise, without delay. Null where there are none.
  virtual const double* truth() const { return nullptr; }
};

}  // namespace handloop
